/** What the owner of the asset lets the server do, in a file that the server cannot write. */
@NullMarked
package dev.muster.agent.allowed;

import org.jspecify.annotations.NullMarked;

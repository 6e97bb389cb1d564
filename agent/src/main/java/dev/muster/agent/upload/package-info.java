/** Sends files of the asset to the server. */
@NullMarked
package dev.muster.agent.upload;

import org.jspecify.annotations.NullMarked;

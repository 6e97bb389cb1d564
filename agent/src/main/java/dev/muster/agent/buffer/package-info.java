/** What the agent has said and the server has not yet stored, on disk. */
@NullMarked
package dev.muster.agent.buffer;

import org.jspecify.annotations.NullMarked;

/** Programs that the agent runs: found again, stopped with all that they started, never heard without bound. */
@NullMarked
package dev.muster.agent.process;

import org.jspecify.annotations.NullMarked;

/** What the agent may use of its machine. */
@NullMarked
package dev.muster.agent.budget;

import org.jspecify.annotations.NullMarked;

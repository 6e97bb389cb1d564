/** What the agent tells the person at the machine. */
@NullMarked
package dev.muster.agent.console;

import org.jspecify.annotations.NullMarked;

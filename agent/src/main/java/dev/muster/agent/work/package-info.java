/** What the agent does all day, and the part {@code agent} of the configuration that says how. */
@NullMarked
package dev.muster.agent.work;

import org.jspecify.annotations.NullMarked;

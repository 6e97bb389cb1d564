/** What several tests of the agent need. */
@NullMarked
package dev.muster.agent.testing;

import org.jspecify.annotations.NullMarked;

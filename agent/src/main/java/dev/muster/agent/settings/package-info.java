/** How the agent itself is set up: flags, variables and a file, all problems told at once. */
@NullMarked
package dev.muster.agent.settings;

import org.jspecify.annotations.NullMarked;

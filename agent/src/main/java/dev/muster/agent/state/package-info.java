/** What the agent keeps on disk, and what it knows of its asset. */
@NullMarked
package dev.muster.agent.state;

import org.jspecify.annotations.NullMarked;

/** What the agent does to its asset, put together: desired state, applications, files, commands. */
@NullMarked
package dev.muster.agent.apply;

import org.jspecify.annotations.NullMarked;

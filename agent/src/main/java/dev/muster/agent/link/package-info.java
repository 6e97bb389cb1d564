/** What the agent's parts say to the server and hear from it. */
@NullMarked
package dev.muster.agent.link;

import org.jspecify.annotations.NullMarked;

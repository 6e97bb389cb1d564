/** Commands from the server, each carried out at most once. */
@NullMarked
package dev.muster.agent.command;

import org.jspecify.annotations.NullMarked;

/** Follows log files and sends their lines. */
@NullMarked
package dev.muster.agent.logs;

import org.jspecify.annotations.NullMarked;

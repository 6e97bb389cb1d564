/** The command line, over REST only. */
@NullMarked
package dev.muster.cli;

import org.jspecify.annotations.NullMarked;

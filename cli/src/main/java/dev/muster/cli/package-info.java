/** The command line {@code muster VERB KIND NAME}: over REST only. */
@NullMarked
package dev.muster.cli;

import org.jspecify.annotations.NullMarked;

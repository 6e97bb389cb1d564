/** Checks of this machine: what Muster needs, whether it is there, how to mend it. */
@NullMarked
package dev.muster.cli.doctor;

import org.jspecify.annotations.NullMarked;

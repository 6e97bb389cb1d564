/** Tests of incidents. */
@NullMarked
package dev.muster.alert.incident;

import org.jspecify.annotations.NullMarked;

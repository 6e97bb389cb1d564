/** Matchers over labels, as Alertmanager writes them. */
@NullMarked
package dev.muster.alert.match;

import org.jspecify.annotations.NullMarked;

/** Assets that poll by hawkBit's DDI. */
@NullMarked
package dev.muster.ddi;

import org.jspecify.annotations.NullMarked;

/** The program on an asset: reports what it is, applies what it should be, and goes back by itself when that fails. */
@NullMarked
package dev.muster.agent;

import org.jspecify.annotations.NullMarked;

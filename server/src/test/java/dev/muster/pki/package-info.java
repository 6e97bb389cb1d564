@NullMarked
package dev.muster.pki;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.muster.twin.reconcile;

import org.jspecify.annotations.NullMarked;

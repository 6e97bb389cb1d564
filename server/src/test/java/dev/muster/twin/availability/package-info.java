@NullMarked
package dev.muster.twin.availability;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.muster.twin.document;

import org.jspecify.annotations.NullMarked;

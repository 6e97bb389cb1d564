@NullMarked
package dev.muster.file;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.muster.alert.credential;

import org.jspecify.annotations.NullMarked;

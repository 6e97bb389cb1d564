@NullMarked
package dev.muster.alert.route;

import org.jspecify.annotations.NullMarked;

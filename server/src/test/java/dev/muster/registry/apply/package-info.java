@NullMarked
package dev.muster.registry.apply;

import org.jspecify.annotations.NullMarked;

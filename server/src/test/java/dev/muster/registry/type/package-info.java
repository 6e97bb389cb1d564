@NullMarked
package dev.muster.registry.type;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.muster.registry.selector;

import org.jspecify.annotations.NullMarked;

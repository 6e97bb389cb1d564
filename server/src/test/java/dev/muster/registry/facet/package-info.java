@NullMarked
package dev.muster.registry.facet;

import org.jspecify.annotations.NullMarked;

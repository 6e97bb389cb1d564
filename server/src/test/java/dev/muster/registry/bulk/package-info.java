@NullMarked
package dev.muster.registry.bulk;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.muster.registry.asset;

import org.jspecify.annotations.NullMarked;

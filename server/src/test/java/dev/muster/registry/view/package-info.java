@NullMarked
package dev.muster.registry.view;

import org.jspecify.annotations.NullMarked;

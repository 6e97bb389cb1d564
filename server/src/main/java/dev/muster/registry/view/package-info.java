/** Ways to look at the list of assets, kept by name. */
@NullMarked
package dev.muster.registry.view;

import org.jspecify.annotations.NullMarked;

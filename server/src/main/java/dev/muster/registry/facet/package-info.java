/** What values assets have, and how many have each: what people narrow a list by. */
@NullMarked
package dev.muster.registry.facet;

import org.jspecify.annotations.NullMarked;

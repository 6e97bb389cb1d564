/** Import and export of many assets as CSV. */
@NullMarked
package dev.muster.registry.bulk;

import org.jspecify.annotations.NullMarked;

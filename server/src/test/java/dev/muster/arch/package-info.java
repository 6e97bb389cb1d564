/** The order of the packages, as tests; what is planted shows that each can fail. */
@NullMarked
package dev.muster.arch;

import org.jspecify.annotations.NullMarked;

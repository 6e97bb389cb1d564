/** The whole server in the test's process. */
@NullMarked
package dev.muster.testing;

import org.jspecify.annotations.NullMarked;

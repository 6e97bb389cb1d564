/** What every HTTP route shares. */
@NullMarked
package dev.muster.platform.web;

import org.jspecify.annotations.NullMarked;

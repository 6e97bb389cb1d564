/** Where the device plane listens, and its bounds. */
@NullMarked
package dev.muster.gateway.config;

import org.jspecify.annotations.NullMarked;

/** A lean MQTT 5 client on Netty, made for thousands of assets in one process. */
@NullMarked
package dev.muster.simulator.client;

import org.jspecify.annotations.NullMarked;

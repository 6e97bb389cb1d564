/** MQTT 3.1.1 and 5 over mutual TLS, on loopback also without (docs/protocol.md). */
@NullMarked
package dev.muster.gateway.mqtt;

import org.jspecify.annotations.NullMarked;

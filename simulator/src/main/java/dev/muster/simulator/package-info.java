/** A fleet of real clients: enrols by EST, speaks MQTT over mutual TLS. */
@NullMarked
package dev.muster.simulator;

import org.jspecify.annotations.NullMarked;

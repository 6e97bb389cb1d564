/** A fleet of simulated assets that speaks the real protocol: enrols by EST, reports by MQTT 5 over mutual TLS. */
@NullMarked
package dev.muster.simulator;

import org.jspecify.annotations.NullMarked;

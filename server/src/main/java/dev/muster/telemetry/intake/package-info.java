/** What of an uplink is stored: event times bounded, metrics checked against the asset's type, refusals counted. Pure. */
@NullMarked
package dev.muster.telemetry.intake;

import org.jspecify.annotations.NullMarked;

/**
 * hawkBit's Direct Device Integration (DDI v1), for SWUpdate, rauc-hawkbit-updater and whatever else polls like them.
 *
 * <p>{@code /{tenant}/controller/v1/{controllerId}}: the tenant is ignored, the controller is the asset. What is deployed, and what
 * becomes of what assets say, is behind {@link dev.muster.gateway.port.Deployments}; here are routes, JSON and the quirks of clients:
 *
 * <ul>
 *   <li>calls of the API are answered with 200 and nothing else when they were good: rauc-hawkbit-updater takes no other;
 *   <li>action ids fit 32 bits, times to sleep are {@code HH:MM:SS} below a day;
 *   <li>{@code time} of a feedback may be anything, and {@code timestamp} be missing;
 *   <li>a poll names one thing to do at a time.
 * </ul>
 */
@NullMarked
package dev.muster.gateway.ddi;

import org.jspecify.annotations.NullMarked;

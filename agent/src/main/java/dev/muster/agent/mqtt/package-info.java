/** The little of MQTT 5 that an agent speaks, over one blocking socket. */
@NullMarked
package dev.muster.agent.mqtt;

import org.jspecify.annotations.NullMarked;

package dev.muster.arch.planted.gateway;

import org.springframework.context.ApplicationContext;

/** A device plane that knows Spring. */
public record SpringInTheGateway(ApplicationContext forbidden) {}

package dev.muster.arch.planted.gateway;

import java.sql.Connection;

/** A device plane that knows Spring and SQL. */
public record SqlInTheGateway(Connection forbidden) {}

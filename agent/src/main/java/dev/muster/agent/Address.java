package dev.muster.agent;

/** A host and a port as people write them: {@code host}, {@code host:port}, {@code [::1]:port}, {@code https://host:port}. */
record Address(String host, int port) {
    private static final String SCHEME = "https://";

    /** @throws IllegalArgumentException that says what an address must be */
    static Address parse(String text, int defaultPort) {
        String rest = text.startsWith(SCHEME) ? text.substring(SCHEME.length()) : text;
        rest = rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest;
        int bracket = rest.lastIndexOf(']');
        int colon = rest.lastIndexOf(':');
        boolean bareSix = bracket < 0 && colon != rest.indexOf(':');
        String host = colon > bracket && !bareSix ? rest.substring(0, colon) : rest;
        String port = colon > bracket && !bareSix ? rest.substring(colon + 1) : String.valueOf(defaultPort);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isEmpty() || host.contains("/") || host.contains(" ")) {
            throw new IllegalArgumentException("must be a host or host:port, such as muster.example:" + defaultPort);
        }
        try {
            int number = Integer.parseInt(port);
            if (number >= 1 && number <= 65_535) {
                return new Address(host, number);
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("must have a port from 1 to 65535 after the last colon", e);
        }
        throw new IllegalArgumentException("must have a port from 1 to 65535 after the last colon");
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}

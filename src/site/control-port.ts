/** The port on which a site says how it is, and on loopback alone is told what to do. */
export const CONTROL_PORT = 9464;

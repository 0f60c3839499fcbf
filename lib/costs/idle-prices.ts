/**
 * What AWS asks for resources that are there, whether or not anybody calls: US dollars, us-east-1, list prices of 2026
 * (AWS's price pages for Fargate, Elastic Load Balancing, VPC and CloudWatch), without the free tier. They change: compare them
 * with the first bill.
 */
export const hoursPerMonth = 730;

export const idlePrices = {
  fargateArmVcpuHour: 0.03238,
  fargateArmGbHour: 0.00356,
  balancerHour: 0.0225,
  publicAddressHour: 0.005,
  natGatewayHour: 0.045,
  interfaceEndpointZoneHour: 0.01,
  /** For each series that an alarm looks at; a band looks at two more. */
  alarmSeriesMonth: 0.1,
  compositeAlarmMonth: 0.5,
  dashboardMonth: 3,
  secretMonth: 0.4,
  keyMonth: 1,
} as const;

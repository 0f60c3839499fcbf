/** Metrics that AWS publishes, with the dimensions under which it does, from the user guides of the services. */
export const awsMetrics: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  // "Working with HTTP API metrics", API Gateway developer guide.
  'AWS/ApiGateway': { Count: ['ApiId'], '4xx': ['ApiId'], '5xx': ['ApiId'] },
  // "CloudWatch metrics for your Application Load Balancer".
  'AWS/ApplicationELB': {
    HealthyHostCount: ['LoadBalancer', 'TargetGroup'],
    UnHealthyHostCount: ['LoadBalancer', 'TargetGroup'],
  },
  // "Supported CloudWatch metrics", Certificate Manager user guide.
  'AWS/CertificateManager': { DaysToExpiry: ['CertificateArn'] },
  // "DynamoDB metrics and dimensions".
  'AWS/DynamoDB': { ReadThrottleEvents: ['TableName'], WriteThrottleEvents: ['TableName'] },
  // "Amazon ECS CloudWatch metrics".
  'AWS/ECS': {
    CPUUtilization: ['ClusterName', 'ServiceName'],
    MemoryUtilization: ['ClusterName', 'ServiceName'],
  },
  // "Types of metrics for Lambda functions".
  'AWS/Lambda': { Errors: ['FunctionName'], Invocations: ['FunctionName'], Throttles: ['FunctionName'] },
  // "Monitoring EventBridge Scheduler with CloudWatch".
  'AWS/Scheduler': {
    InvocationAttemptCount: ['ScheduleGroup'],
    InvocationDroppedCount: ['ScheduleGroup'],
    TargetErrorCount: ['ScheduleGroup'],
  },
  // "Available CloudWatch metrics for Amazon SQS".
  'AWS/SQS': { ApproximateNumberOfMessagesVisible: ['QueueName'] },
};
